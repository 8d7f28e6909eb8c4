import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { LanguageSwitch } from '../../components/language-switch.tsx'
import { RehearsalBanner, SystemNotice } from '../../components/notices.tsx'
import { QuestionDialog } from '../../components/question-dialog.tsx'
import { Rail } from '../../components/rail.tsx'
import { useLanguage, useText } from '../../messages/index.ts'
import { app } from '../../stores/app.ts'
import { locks } from '../../stores/locks.ts'
import { place, type Step } from '../../stores/place.ts'
import { questions } from '../../stores/questions.ts'
import { rehearsal } from '../../stores/rehearsal.ts'
import { sealed } from '../../stores/sealed.ts'
import { DocumentsScreen } from '../documents/documents-screen.tsx'
import { LocksScreen } from '../locks/locks-screen.tsx'
import { OpeningScreen } from '../opening/opening-screen.tsx'
import { RecordScreen } from '../record/record-screen.tsx'
import { SealScreen } from '../seal/seal-screen.tsx'
import { Failed } from '../shared/failed.tsx'
import { useWork } from '../shared/use-work.ts'
import { SubmitScreen } from '../submit/submit-screen.tsx'
import { TenderScreen } from '../tender/tender-screen.tsx'
import { railItems, railTools } from './standing.ts'

/** The frame of the window: the rail, what every screen must say, one screen, and the question that waits for an answer. */
export function Frame(): ReactNode {
  const text = useText()
  const { step, go } = useStore(place)
  const { modules } = useStore(locks)
  const standing = { ...useWork(), modules }
  return (
    <div className="frame">
      <Rail
        items={railItems(standing, text)}
        tools={railTools(standing, text)}
        current={step}
        onGo={go}
        foot={<RailFoot />}
      />
      <main className="work">
        <Notices />
        <Screens key={step} step={step} />
      </main>
      <Questions />
    </div>
  )
}

function RailFoot(): ReactNode {
  const text = useText()
  const language = useLanguage()
  const { view, setLanguage } = useStore(app)
  return (
    <>
      <LanguageSwitch language={language} onChange={chosen => void setLanguage(chosen)} />
      {view !== null && <p className="rail-version">{text('common.version', { version: view.version })}</p>}
    </>
  )
}

function Notices(): ReactNode {
  const text = useText()
  const { view, failure, load } = useStore(app)
  const practice = useStore(rehearsal)
  const bids = useStore(sealed)
  return (
    <>
      {view?.practiceRuntime === true && <SystemNotice>{text('common.practiceRuntime')}</SystemNotice>}
      {view?.hardwareCrypto === false && <SystemNotice>{text('common.slowCrypto')}</SystemNotice>}
      {practice.view?.running === true && (
        <>
          <RehearsalBanner
            practicePin={practice.view.practicePin}
            busy={practice.busy}
            onSkip={() => void practice.skipToOpening()}
            onStop={() => void practice.stop()}
          />
          <Failed failure={practice.failure} />
        </>
      )}
      <Failed failure={failure} onRetry={() => void load()} />
      {bids.damaged > 0 && <SystemNotice>{text('common.damagedBids', { number: bids.damaged })}</SystemNotice>}
      {/* A list that was never read is told by the screens that need it. */}
      {bids.sealed !== null && <Failed failure={bids.unread} onRetry={() => void bids.load()} />}
    </>
  )
}

function Questions(): ReactNode {
  const { questions: open, answer } = useStore(questions)
  const question = open[0]
  if (question === undefined) return null
  return (
    <QuestionDialog key={question.question} question={question} onAnswer={yes => void answer(question.question, yes)} />
  )
}

function Screens({ step }: { readonly step: Step }): ReactNode {
  switch (step) {
    case 'tender':
      return <TenderScreen />
    case 'documents':
      return <DocumentsScreen />
    case 'seal':
      return <SealScreen />
    case 'submit':
      return <SubmitScreen />
    case 'opening':
      return <OpeningScreen />
    case 'record':
      return <RecordScreen />
    case 'locks':
      return <LocksScreen />
  }
}
