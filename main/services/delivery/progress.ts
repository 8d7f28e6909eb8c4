import type { Delivery, DeliveryState } from '../../store/index.ts'

/** How far a delivery has come; what the platform's receipts prove is never unlearned. */
const order: Readonly<Record<DeliveryState, number>> = {
  sealed: 0,
  submitting: 1,
  received: 2,
  released: 3,
  closed: 4,
  replaced: 5,
  withdrawn: 5,
}

/** A delivery that has come at least as far as `state`; one that is further stays where it is. */
export function reached(delivery: Delivery, state: DeliveryState): Delivery {
  return order[delivery.state] < order[state] ? { ...delivery, state } : delivery
}
