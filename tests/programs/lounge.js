// Drives The Lounge as its page in a browser does:
// node lounge.js '{"port": ..., "user": ..., "password": ..., "channel": ..., "log": ..., "server_log": ...}'
//
// What a person would see goes to two files. A line on standard input is typed into the channel's window.
"use strict";

const fs = require("fs");
const readline = require("readline");
const { io } = require("socket.io-client");

const settings = JSON.parse(process.argv[2]);
const channels = new Map(); // what is known of each window, by its number
const show = (channel, message) => {
    const from = message.from ? message.from.nick : "";
    const path = channel.name === settings.channel ? settings.log : settings.server_log;
    fs.appendFileSync(path, `${message.type} <${from}> ${message.text || ""}\n`);
};
const learn = (channel) => {
    channels.set(channel.id, channel);
    channel.messages.forEach((message) => show(channel, message));
};
const windowOf = (name) => [...channels.values()].find((channel) => channel.name === name);

const socket = io(`http://127.0.0.1:${settings.port}`, { transports: ["websocket"] });
socket.on("auth:start", () => {
    const lastMessage = 0.5; // before all of them: so it is told every message, not only the last one of each window
    socket.emit("auth:perform", { user: settings.user, password: settings.password, lastMessage });
});
socket.on("auth:failed", () => process.exit(1));
socket.on("disconnect", () => process.exit(0));
socket.on("init", (data) => {
    data.networks.forEach((network) => network.channels.forEach(learn));
});
socket.on("join", (data) => learn(data.chan));
socket.on("msg", (data) => channels.has(data.chan) && show(channels.get(data.chan), data.msg)); // else it is in init

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const target = windowOf(settings.channel) || [...channels.values()][0];
    socket.emit("input", { target: target.id, text: line });
});
