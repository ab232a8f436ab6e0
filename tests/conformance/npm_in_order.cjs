// SPDX-License-Identifier: MIT
// Loaded into npm before it starts (node --require). When npm works out what an advisory means for the packages that
// depend on the vulnerable one, it takes the results in the order in which they come in, which depends on disk and
// network: three runs give three reports. This makes them come in the order in which they were asked for, as they do
// when every answer is there at once; what is worked out stays npm's own.
'use strict'

const { dirname, join } = require('node:path')
const npm = dirname(dirname(process.argv[1]))
const Calculator = require(join(npm, 'node_modules/@npmcli/metavuln-calculator'))
const calculate = Calculator.prototype.calculate
const previous = Symbol('previous')

Calculator.prototype.calculate = function (name, source) {
  const result = calculate.call(this, name, source)
  const inOrder = Promise.resolve(this[previous]).then(() => result)
  this[previous] = inOrder.catch(() => {})
  return inOrder
}
