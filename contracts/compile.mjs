#!/usr/bin/env node
/**
 * Compiles Solidity with npm's `solc` and prints one JSON object: {"Token.sol": {"Token": {abi, bytecode}}}.
 *
 *     node contracts/compile.mjs [--evm-version cancun] File.sol...
 *
 * Imports: relative paths, `vespiary/Sandbox.sol` (the interfaces beside this script), and npm packages
 * (`@openzeppelin/contracts/...`) of any node_modules above the importing file or the working directory.
 * Warnings go to stderr; errors too, and then the exit code is 1 and nothing is printed.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
/** The compiler of the user's project comes first, then that of the checkout. */
const solcHomes = [process.cwd(), here, join(here, '..', 'node')]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'evm-version': { type: 'string', default: 'cancun' } },
})
if (positionals.length === 0) fail('Name the Solidity files: node compile.mjs [--evm-version cancun] File.sol...')

const files = positionals.map((file) => resolve(file))
/** Source units are called by absolute path, so that solc resolves relative imports to files. */
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(files.map((file) => [file, { content: read(file) }])),
  settings: {
    evmVersion: values['evm-version'],
    optimizer: { enabled: true, runs: 200 },
    // The hash of the metadata names the folder of the sources: without it the same source is the same code anywhere.
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
}
const output = JSON.parse(loadSolc().compile(JSON.stringify(input), { import: importSource }))
const messages = output.errors ?? []
for (const message of messages) process.stderr.write(message.formattedMessage)
if (messages.some(({ severity }) => severity === 'error')) process.exit(1)

const compiled = {}
for (const file of files) {
  compiled[basename(file)] = Object.fromEntries(
    Object.entries(output.contracts?.[file] ?? {}).map(([name, { abi, evm }]) => [
      name,
      { abi, bytecode: `0x${evm.bytecode.object}` },
    ]),
  )
}
process.stdout.write(`${JSON.stringify(compiled)}\n`)

function loadSolc() {
  for (const home of solcHomes) {
    try {
      return createRequire(pathToFileURL(join(home, 'from-here.js')))('solc')
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return fail('The Solidity compiler is not installed. Run `npm install solc` in your project.')
}

/** solc's callback for a source that it was not given. */
function importSource(path) {
  try {
    if (path.startsWith('vespiary/')) return { contents: read(join(here, path.slice('vespiary/'.length))) }
    if (path.startsWith('/')) return { contents: read(path) }
    for (const home of [...files.map(dirname), ...solcHomes]) {
      try {
        return { contents: read(createRequire(pathToFileURL(join(home, 'from-here.js'))).resolve(path)) }
      } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error
      }
    }
    return { error: `no node_modules above ${dirname(files[0])} has it` }
  } catch (error) {
    return { error: error.message }
  }
}

function read(file) {
  return readFileSync(file, 'utf8')
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
