import type { Handlers } from '../../contract/requests.ts'
import type { AppView } from '../../contract/views.ts'
import type { IpcContext } from '../context.ts'

/** What the app is, and its language. */
export function appHandlers(context: IpcContext): Pick<Handlers, 'app.state' | 'app.setLanguage'> {
  const view = (): AppView => ({ ...context.about, language: context.language() })
  return {
    'app.state': async () => view(),
    'app.setLanguage': async language => {
      await context.useLanguage(language)
      return view()
    },
  }
}
