import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A USB device that may be a lock. */
export interface UsbDevice {
  /** `vendor:product`, hex. */
  readonly id: string
  /** What the device or its maker is called; empty where nobody says. */
  readonly name: string
}

/** What stands at the USB ports. */
export interface UsbLook {
  /** Devices that are CA keys or smart card readers. */
  readonly keys: readonly UsbDevice[]
  /** How many other devices there are, hubs apart. */
  readonly others: number
}

/** Makers of CA keys by USB vendor id; what else bears a smart card interface is told by its class. */
const makers: ReadonlyMap<string, string> = new Map([
  ['055c', 'Longmai'],
  ['096e', 'Feitian'],
  ['0529', 'Aladdin / SafeNet'],
  ['08e6', 'Gemalto'],
])

/** bInterfaceClass of smart card readers (USB CCID), and bDeviceClass of hubs. */
const smartCardClass = '0b'
const hubClass = '09'

/** Where Linux shows its USB devices. */
export const linuxUsbFolder = '/sys/bus/usb/devices'

/** Looks at the USB devices of this computer without touching them; null where the system does not show them. */
export async function lookAtUsb(
  folder = linuxUsbFolder,
  platform: NodeJS.Platform = process.platform,
): Promise<UsbLook | null> {
  if (platform !== 'linux') return null
  const names = await readdir(folder).catch(() => null)
  if (names === null) return null
  const keys: UsbDevice[] = []
  let others = 0
  // A device is `1-2`, its interfaces `1-2:1.0`.
  for (const name of names.filter(each => !each.includes(':'))) {
    const read = (file: string): Promise<string> =>
      readFile(join(folder, name, file), 'utf8').then(
        text => text.trim(),
        () => '',
      )
    const [vendor, product, deviceClass] = [await read('idVendor'), await read('idProduct'), await read('bDeviceClass')]
    if (vendor === '' || deviceClass === hubClass) continue
    const isReader = await hasSmartCard(folder, names, name)
    if (!makers.has(vendor) && !isReader) {
      others += 1
      continue
    }
    const said = [await read('manufacturer'), await read('product')].filter(text => text !== '').join(' ')
    keys.push({ id: `${vendor}:${product}`, name: said === '' ? (makers.get(vendor) ?? '') : said.slice(0, 100) })
  }
  return { keys, others }
}

async function hasSmartCard(folder: string, names: readonly string[], device: string): Promise<boolean> {
  for (const name of names.filter(each => each.startsWith(`${device}:`))) {
    const found = await readFile(join(folder, name, 'bInterfaceClass'), 'utf8').catch(() => '')
    if (found.trim() === smartCardClass) return true
  }
  return false
}
