import { Command, CommanderError } from 'commander'
import { addBench } from './cli/bench.ts'
import { addBid } from './cli/bid.ts'
import { addBidHistory } from './cli/bid-history.ts'
import { addCompat } from './cli/compat.ts'
import { siblingsIn } from './cli/compose.ts'
import { addData } from './cli/data.ts'
import { addDemo } from './cli/demo.ts'
import { addDocument } from './cli/document.ts'
import { addEvidence } from './cli/evidence.ts'
import { addHeader, addInspect } from './cli/inspect.ts'
import { addGuard } from './cli/guard.ts'
import { addReminders } from './cli/reminders.ts'
import { addOpen } from './cli/open.ts'
import { addOpening } from './cli/opening.ts'
import { addLibrary } from './cli/library.ts'
import { withCommonOptions } from './cli/options.ts'
import { addPlatform } from './cli/platform.ts'
import { addSeal } from './cli/seal.ts'
import { addNetwork } from './cli/network.ts'
import { addCarry } from './cli/carry.ts'
import { addQueue } from './cli/queue.ts'
import { openShell } from './cli/shell.ts'
import { addSign } from './cli/sign.ts'
import { addSubmit, addWithdraw } from './cli/submit.ts'
import { addTender } from './cli/tender.ts'
import { addToken } from './cli/token.ts'
import { addUnseal } from './cli/unseal.ts'
import { addVerify } from './cli/verify.ts'
import { keepMemoryOutOfCoreDumps } from './token-host/index.ts'

// The command line: arguments in, services called, JSON or text out. Built as one file beside the programs it starts.

void main()

async function main(): Promise<void> {
  // PINs and what is sealed are in this process too; those it starts inherit it.
  keepMemoryOutOfCoreDumps(process.pid)
  // Child processes are unreferenced, so that a forgotten one ends nothing: while a command runs, this holds the process.
  const running = setInterval(() => undefined, 60_000)
  // Whoever reads us may stop reading (`| head`): what was asked for is done all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const shell = openShell(siblingsIn(__dirname))
  const program = withCommonOptions(new Command('bidseal'))
    .description('标封 BidSeal: prepare, sign, seal, submit and open bids')
    .version('0.1.0')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
  const commands = [
    addDemo,
    addToken,
    addTender,
    addBid,
    addBidHistory,
    addLibrary,
    addDocument,
    addSign,
    addSeal,
    addInspect,
    addHeader,
    addVerify,
    addUnseal,
  ]
  for (const add of [
    ...commands,
    addSubmit,
    addWithdraw,
    addQueue,
    addCarry,
    addOpen,
    addOpening,
    addEvidence,
    addPlatform,
    addData,
    addNetwork,
    addGuard,
    addReminders,
    addBench,
    addCompat,
  ])
    add(program, shell)
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) shell.refuse(error.code === 'commander.help' ? null : error.message)
  }
  clearInterval(running)
  // Everything is closed and flushed by now; what still holds the process (a kept connection) has nothing to say.
  process.stdout.write('', () => process.exit(shell.exitCode))
}
