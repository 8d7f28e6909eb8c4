import type { App, Event, WebContents } from 'electron'

/**
 * SECURITY: S12 to S14. Whatever is shown stays what it is: no page leads anywhere else, opens a window or embeds a
 * guest. Applies to every web contents from its first moment.
 */
export function lockNavigation(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    lock(contents)
  })
}

function lock(contents: WebContents): void {
  const refuse = (event: Event): void => event.preventDefault()
  contents.on('will-navigate', refuse)
  contents.on('will-frame-navigate', refuse)
  contents.on('will-redirect', refuse)
  contents.on('will-attach-webview', refuse)
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
