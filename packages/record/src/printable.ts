/** A name out of foreign data, safe to show: short, and without anything that a terminal acts on. */
export function printable(name: string): string {
  return JSON.stringify(name.slice(0, 64).replace(/[^ -~]/g, '?'));
}
