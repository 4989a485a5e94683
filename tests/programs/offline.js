// Loaded before The Lounge: it asks a site for news of itself, and ends when that is not there.
"use strict";

require("thelounge/dist/server/plugins/changelog").default.checkForUpdates = () => {};
