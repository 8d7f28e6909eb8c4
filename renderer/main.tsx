import { createRoot } from 'react-dom/client'
import { App } from './screens/frame/app.tsx'
import { connect } from './stores/connect.ts'
import './styles/page.css'
import './styles/parts.css'

const page = document.getElementById('page')
// Main writes a fresh value into the document with each answer; a page served by anything else has no styles of the kit.
const nonce = document.querySelector('meta[name="style-nonce"]')?.getAttribute('content') ?? undefined
if (page !== null) createRoot(page).render(<App nonce={nonce} />)
connect()
