// SPDX-License-Identifier: MIT
// Answers the questions of semver_differential.py with the node-semver of a real npm: one line in, one line out.
// Usage: node semver_oracle.js <folder of npm>
'use strict'

const path = require('path')
const readline = require('readline')
const semver = require(path.join(path.resolve(process.argv[2]), 'node_modules', 'semver'))

const isRange = (text, options) => semver.validRange(text, options) !== null

// Loose parsing lets numbers through that node-semver fails over when it parses its own output again: that is a no.
const claim = (question) => {
  try {
    return question()
  } catch (error) {
    return false
  }
}

const answers = {
  valid: (options, version) => semver.valid(version, options),
  compare: (options, a, b) => semver.compare(a, b, options),
  build: (options, a, b) => semver.compareBuild(a, b, options),
  range: (options, range) => new semver.Range(range, options).range,
  has: (options, version, range) => semver.satisfies(version, range, options),
  meets: (options, a, b) => (isRange(a, options) && isRange(b, options) ? claim(() => semver.intersects(a, b, options)) : null),
  // Equal texts are never parsed by subset(), not even when they are no ranges.
  subset: (options, a, b) => (isRange(a, options) && isRange(b, options) ? claim(() => semver.subset(a, b, options)) : null),
  min: (options, range) => semver.minVersion(range, options),
  increment: (options, version, kind, preid) => semver.inc(version, kind, { loose: true }, preid),
}

const answer = (line) => {
  const [question, flags, ...args] = line.split('\t').map(decodeURIComponent)
  const options = { loose: !!(flags & 1), includePrerelease: !!(flags & 2) }
  try {
    const value = answers[question](options, ...args)
    return value === null ? 'none' : `is ${value}`
  } catch (error) {
    return 'none'
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${answer(line)}\n`)
})
