import { contextBridge, ipcRenderer } from 'electron'
import { eventChannel } from './contract/events.ts'
import type { AppEvent, EventApi } from './contract/events.ts'
import { channels } from './contract/requests.ts'

// SECURITY: S20, one function for each channel of the contract, and nothing generic.
const requests = Object.fromEntries(
  channels.map(channel => [
    channel,
    (...args: readonly unknown[]): Promise<unknown> => ipcRenderer.invoke(channel, ...args),
  ]),
)

const events: EventApi = {
  onEvent(listener) {
    // SECURITY: S20, Electron's own event object stays on this side.
    const wrapped = (_: unknown, event: AppEvent): void => listener(event)
    ipcRenderer.on(eventChannel, wrapped)
    return () => {
      ipcRenderer.off(eventChannel, wrapped)
    }
  },
}

contextBridge.exposeInMainWorld('bidseal', { ...requests, ...events })
