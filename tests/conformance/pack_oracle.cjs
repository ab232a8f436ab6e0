// SPDX-License-Identifier: MIT
// Packs folders with npm's own libraries: one JSON line in says which folder and where to, one out says null or why not.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const readline = require('node:readline')

const npm = process.argv[2]
const load = name => require(require.resolve(name, { paths: [path.join(npm, 'lib')] }))
const pacote = load('pacote')
const Arborist = load('@npmcli/arborist')

const pack = async ({ folder, out, members, prefix }) => {
	const options = { Arborist, ignoreScripts: true, allowDirectory: 'all', prefix, workspaces: members.length ? members : undefined }
	const manifest = await pacote.manifest(folder, options)
	if (!manifest._id) {
		throw new Error('Invalid package, must have name and version')
	}
	fs.writeFileSync(out, await pacote.tarball(manifest._resolved, options))
}

;(async () => {
	for await (const line of readline.createInterface({ input: process.stdin })) {
		const failure = await pack(JSON.parse(line)).then(() => null, e => String(e.message))
		process.stdout.write(`${JSON.stringify(failure)}\n`)
	}
})()
