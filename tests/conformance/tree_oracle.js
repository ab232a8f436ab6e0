// SPDX-License-Identifier: MIT
// Writes lockfiles with the tree builder of a real npm, for tree_differential.py: one JSON job a line in, one answer out.
// Starting npm for each of thousands of little projects would take most of the time.
// Usage: node tree_oracle.js <folder of npm>
'use strict'

const path = require('path')
const readline = require('readline')

const npm = path.resolve(process.argv[2])
const Arborist = require(path.join(npm, 'node_modules', '@npmcli', 'arborist'))
const { version: npmVersion } = require(path.join(npm, 'package.json'))

// What npm's settings come to when nobody has set anything; progress and logs go nowhere.
const settings = {
  audit: false,
  defaultTag: 'latest',
  fetchRetries: 0,
  formatPackageLock: true,
  fund: false,
  ignoreScripts: true,
  installStrategy: 'hoisted',
  nodeVersion: process.version,
  npmVersion,
  packageLock: true,
  packageLockOnly: true,
  save: true,
}

const write = async (job) => {
  const options = { ...settings, ...job }
  const arborist = new Arborist(options)
  await arborist.buildIdealTree(options)
  await arborist.reify(options)
}

const main = async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answer = await write(JSON.parse(line)).then(() => 'ok', (error) => error.code || error.message.split('\n')[0])
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}

main()
