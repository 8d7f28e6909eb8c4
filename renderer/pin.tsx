import { createRoot } from 'react-dom/client'
import { pinApi } from './bridge.ts'
import { PinPage } from './components/pin-page.tsx'
import './styles/pin.css'

const page = document.getElementById('page')
const api = pinApi()

void api.question().then(question => {
  document.documentElement.lang = question.language
  if (page !== null) createRoot(page).render(<PinPage question={question} onAnswer={answer => api.answer(answer)} />)
})
