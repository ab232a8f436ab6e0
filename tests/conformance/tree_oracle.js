// SPDX-License-Identifier: MIT
// Runs a real npm's commands for tree_differential.py: one JSON job { args, cwd, env } a line in, one answer out: "ok" or
// the error's code, and the report of a peer conflict. Starting npm for each of thousands of little projects would take most of the time.
// Usage: node tree_oracle.js <folder of npm>
'use strict'

const path = require('path')
const readline = require('readline')

const folder = path.resolve(process.argv[2])
const Npm = require(path.join(folder, 'lib', 'npm.js'))
const binLinks = require(path.join(folder, 'node_modules', 'bin-links'))

// What npm takes for its own command line begins with these two.
process.argv = [process.execPath, path.join(folder, 'bin', 'npm-cli.js')]

const setEnvironment = (env) => {
  for (const name of Object.keys(process.env)) {
    delete process.env[name]
  }
  Object.assign(process.env, env)
}

const run = async ({ args, cwd, env }) => {
  setEnvironment(env)
  process.chdir(cwd)
  binLinks.resetSeen() // it takes care not to make a link twice in one process
  const npm = new Npm({ npmRoot: folder, argv: args })
  try {
    const { command, args: words } = await npm.load()
    await npm.exec(command, words)
    return { code: 'ok', report: '' }
  } catch (error) {
    const report = error.code === 'ERESOLVE' ? error.detail[1][1] : ''
    return { code: error.code || `${error.message}`.split('\n')[0], report }
  } finally {
    npm.unload()
  }
}

const main = async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n')
  }
}

main()
