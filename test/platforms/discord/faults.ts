/** What goes wrong with a request. */
export type Fault =
  /** Discord answers with an error; the request has no effect. */
  | { readonly status: number; readonly code?: number; readonly message?: string }
  /** Discord takes no more for a while, in seconds. */
  | { readonly retryAfter: number; readonly global?: boolean }
  /** The connection is reset: before the request took effect, or after it did, so that the caller can't know. */
  | { readonly reset: 'before' | 'after' }
  /** Something that is not Discord answers, such as a proxy with an HTML page. */
  | { readonly status: number; readonly page: string }
  /** The answer comes, but late. In milliseconds. */
  | { readonly delayMs: number };

interface Planned {
  readonly matches: (route: string) => boolean;
  readonly fault: Fault;
  left: number;
}

/** The faults that wait for their request. */
export class Faults {
  #planned: Planned[] = [];

  /**
   * @param route `POST /channels/:id/messages`, as requests are logged; `*` stands for all of them.
   * @param times how many requests it hits.
   */
  plan(route: string, fault: Fault, times: number): void {
    this.#planned.push({ matches: (name) => route === '*' || route === name, fault, left: times });
  }

  /** The fault that hits this request, if one does; it is used up. */
  take(route: string): Fault | undefined {
    const hit = this.#planned.find(({ matches }) => matches(route));
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#planned = this.#planned.filter((one) => one !== hit);
    return hit.fault;
  }
}
