/** The addon. One copy a process serves every worker thread and both module systems, because `require` of this package loads these very modules. */
import native from '../native.cjs'

export default native
export type { NativeCancel, NativeChain, NativeNode, NativeStream, NativeTangle } from '../native.cjs'
