import { contextBridge, ipcRenderer } from 'electron'
import type { Result } from './contract/failure.ts'
import { pinChannels } from './contract/pin.ts'
import type { PinApi, PinQuestion } from './contract/pin.ts'

const pinApi: PinApi = {
  question: async () => valueOf((await ipcRenderer.invoke(pinChannels.question)) as Result<PinQuestion>),
  answer: async answer => {
    valueOf((await ipcRenderer.invoke(pinChannels.answer, answer)) as Result<null>)
  },
}

contextBridge.exposeInMainWorld('bidsealPin', pinApi)

/** A refusal becomes an error that bears the code and nothing else. */
function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.failure.code)
  return result.value
}
