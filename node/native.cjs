// Loads the addon that was built for this machine. `npm run build:native` puts it beside this file.
'use strict'

const { platform, arch, report } = process

// Linux has two C libraries; an addon is built for one of them.
const libc = () => (report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl')
const abi = { linux: libc, win32: () => 'msvc' }[platform]?.()
const file = `vespiary.${[platform, arch, abi].filter(Boolean).join('-')}.node`

try {
  module.exports = require(`./${file}`)
} catch (cause) {
  throw new Error(
    `vespiary has no addon for this machine (${file}): build it in a checkout with \`npm run build:native\``,
    { cause }
  )
}
