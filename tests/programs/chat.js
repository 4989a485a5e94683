// Drives irc-framework: node chat.js '{"host": ..., "log": ..., "server_log": ..., "caps": [...], "channel": ...}'
//
// What it shows goes to two files, as other clients log. A line on standard input is typed into the channel;
// with a slash it is a command: /quit, /join, or anything else, which is sent as it is.
"use strict";

const fs = require("fs");
const readline = require("readline");
const { Client } = require("irc-framework");

const settings = JSON.parse(process.argv[2]);
const note = (path, text) => fs.appendFileSync(path, `${text}\n`);

const client = new Client({
    host: settings.host,
    port: settings.port,
    nick: settings.nick,
    username: settings.username,
    password: settings.password,
    gecos: settings.nick,
    auto_reconnect: false,
    ping_timeout: 0,
    enable_chghost: true,
    enable_echomessage: true,
    enable_setname: true,
});
client.requestCap(settings.caps);

const show = (event) => {
    const place = event.target && event.target.toLowerCase() === settings.channel ? settings.log : settings.server_log;
    note(place, `${event.time || ""} <${event.nick}> ${event.message}`);
};
client.on("privmsg", show);
client.on("notice", show);
client.on("join", (event) => event.channel === settings.channel && note(settings.log, `${event.nick} joined`));
client.on("raw", (event) => !event.from_server || note(settings.server_log, event.line));
client.on("batch end chathistory", (event) => note(settings.log, `history of ${event.params[0]}: ${event.commands.length}`));
client.on("close", () => process.exit(0));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    if (!line.startsWith("/")) {
        client.say(settings.channel, line);
    } else if (line.startsWith("/quit")) {
        client.quit("bye");
    } else {
        client.raw(line.slice(1));
    }
});
client.connect();
