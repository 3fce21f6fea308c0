'use strict';

const { window, workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

/** Starts the tool as the language server; colours need none. */
async function activate() {
    const command = workspace.getConfiguration('bootspec').get('server');
    const server = { command, args: ['language-server'] };
    client = new LanguageClient('bootspec', 'Boot specs', server, { documentSelector: [{ language: 'bootspec' }] });
    try {
        await client.start();
    } catch (error) {
        client = undefined;
        window.showWarningMessage(`'${command} language-server' cannot be started: ${error.message}. `
            + 'Install it with \'dotnet tool install --global bootproto\', or name it in the setting bootspec.server.');
    }
}

/** Ends the server. */
function deactivate() {
    return client?.stop();
}

module.exports = { activate, deactivate };
