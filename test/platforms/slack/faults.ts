/** What goes wrong with a call. */
export type Fault =
  /** Slack refuses; the call has no effect. */
  | { readonly error: string }
  /** Too many calls: 429 with `Retry-After`, in seconds. */
  | { readonly retryAfter: number }
  /** The connection is reset: before the call took effect, or after it did, so that the caller can't know. */
  | { readonly reset: 'before' | 'after' }
  /** Something that is not Slack answers, such as a proxy with a page. */
  | { readonly status: number; readonly body: string }
  /** The answer comes, but late. In milliseconds. */
  | { readonly delayMs: number };

interface Planned {
  readonly method: string;
  readonly fault: Fault;
  left: number;
}

/** The faults that wait for their call. */
export class Faults {
  #planned: Planned[] = [];

  /** @param times how many calls it hits. */
  plan(method: string, fault: Fault, times = 1): void {
    this.#planned.push({ method, fault, left: times });
  }

  /** The fault that hits this call, if one does; it is used up. */
  take(method: string): Fault | undefined {
    const hit = this.#planned.find((one) => one.method === method || one.method === '*');
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#planned = this.#planned.filter((one) => one !== hit);
    return hit.fault;
  }
}
