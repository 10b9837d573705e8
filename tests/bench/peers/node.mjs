// node.mjs CONTESTANT FOLDER TASK: see lua.lua. The packages stand in $PEERS/node_modules.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [contestant, folder, task] = process.argv.slice(2)
const require = createRequire(process.env.PEERS + '/')
const read = (ending) => readFileSync(`${folder}/${task}.${ending}`, 'utf8')
const parsed = (ending) => JSON.parse(read(ending))

// There and back again, in place: what both packages do best. `whole` copies the document before each patch.
function going(apply, whole) {
  let document = parsed('a')
  const there = parsed('there'), back = parsed('back')
  const copy = whole ? structuredClone : (value) => value
  return {
    once: () => { document = apply(apply(copy(document), there), back) },
    result: () => JSON.stringify(apply(document, there)),
  }
}

function comparing(compare) {
  const a = parsed('a'), b = parsed('b')
  return { once: () => compare(a, b), result: () => JSON.stringify(compare(a, b)) }
}

const fast = () => require('fast-json-patch')
const rfc = () => require('rfc6902')
const fastApply = (library) => (document, patch) => library.applyPatch(document, patch).newDocument
const rfcApply = (library) => (document, patch) => {
  const error = library.applyPatch(document, patch).find((result) => result)
  if (error) throw error
  return document
}

const contestants = {
  'fast-json-patch': {
    apply: () => going(fastApply(fast())),
    diff: () => comparing(fast().compare),
  },
  'fast-json-patch-copying': {
    apply: () => {
      const library = fast()
      return going((document, patch) => library.applyPatch(document, patch, false, false).newDocument)
    },
  },
  rfc6902: { apply: () => going(rfcApply(rfc())), diff: () => comparing(rfc().createPatch) },
  'node-json': {
    decode: () => {
      const text = read('a')
      return { once: () => JSON.parse(text), result: () => JSON.stringify(JSON.parse(text)) }
    },
    encode: () => {
      const value = parsed('a')
      return { once: () => JSON.stringify(value), result: () => JSON.stringify(value) }
    },
  },
}

const now = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6

function measure(once) {
  let start = performance.now()
  once()
  const first = (performance.now() - start) / 1e3
  if (first > 1) return first
  const count = Math.max(1, Math.floor(0.05 / Math.max(first, 1e-6)))
  let best = Infinity
  const stop = performance.now() + 1000
  do {
    start = performance.now()
    for (let i = 0; i < count; i++) once()
    best = Math.min(best, (performance.now() - start) / 1e3 / count)
  } while (performance.now() < stop)
  return best
}

const { once, result } = contestants[contestant][task.match(/^[a-z]+/)[0]]()
const seconds = measure(once)
writeFileSync(`${folder}/out`, result())
console.log(seconds.toFixed(9))
