import { useEffect, useId, useRef, type ReactNode } from 'react'

/**
 * A dialog over the page: the platform's own element, which keeps the focus inside and needs no style that the content
 * policy refuses. Put it on the page to open it. Without `onClose` it stays until it is answered.
 */
export function Dialog(props: {
  readonly title: string
  readonly children: ReactNode
  readonly buttons: ReactNode
  readonly onClose?: () => void
}): ReactNode {
  const { onClose } = props
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => {
      dialog?.close()
    }
  }, [])
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={event => {
        event.preventDefault()
        onClose?.()
      }}
      // Chromium closes at the second Escape whatever the page says.
      onClose={() => {
        if (onClose === undefined) element.current?.showModal()
        else onClose()
      }}
    >
      <h2 id={titleId}>{props.title}</h2>
      {props.children}
      <div className="dialog-buttons">{props.buttons}</div>
    </dialog>
  )
}
