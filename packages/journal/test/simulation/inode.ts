/** So small that a line is on many: power loss then takes parts of a line. */
const PAGE_BYTES = 64;

/** A file or folder: what the kernel holds of it, and what is on the disk. */
export class Inode {
  readonly number: number;
  readonly kind: 'file' | 'folder';
  mode: number;
  modified = 0;
  links = 1;
  /** What every process sees. */
  #content = Buffer.alloc(0);
  /** What the disk holds. */
  #durable = Buffer.alloc(0);
  /** Pages that differ. */
  readonly #dirty = new Set<number>();
  /** What every process sees of a folder. */
  readonly entries = new Map<string, Inode>();
  /** What the disk holds of a folder, and the changes that it has not seen, in their order. */
  readonly #durableEntries = new Map<string, Inode>();
  #changes: { readonly name: string; readonly inode: Inode | undefined; readonly from?: string | undefined }[] = [];

  constructor(number: number, kind: 'file' | 'folder', mode: number) {
    this.number = number;
    this.kind = kind;
    this.mode = mode;
  }

  get size(): number {
    return this.#content.length;
  }

  read(target: Uint8Array, position: number): number {
    const part = this.#content.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#content.length) this.#content = Buffer.concat([this.#content], end);
    this.#content.set(bytes, position);
    for (let page = Math.floor(position / PAGE_BYTES); page * PAGE_BYTES < end; page++) this.#dirty.add(page);
  }

  /** Changes an entry of a folder. @param from a name that the same change takes away. */
  change(name: string, inode: Inode | undefined, from?: string): void {
    if (from !== undefined) this.entries.delete(from);
    if (inode) this.entries.set(name, inode);
    else this.entries.delete(name);
    this.#changes.push({ name, inode, from });
  }

  sync(): void {
    this.#durable = Buffer.from(this.#content);
    this.#dirty.clear();
    this.#apply(this.#changes.length);
  }

  /** A sync fails: the kernel gives up what it could not write, and will say of the next sync that all is well. */
  failSync(): void {
    this.#dirty.clear();
  }

  /**
   * Power is lost: what remains is what was synced, and of what was not what the kernel happened to have written.
   *
   * @param pick a number from 0 to `most`: how much of something there is.
   * @param isOrderly whether a file was written from its front: what follows is missing, or zeros where its length was
   * known already. Otherwise any page may be missing.
   */
  losePower(pick: (most: number) => number, isOrderly: boolean): void {
    this.#apply(pick(this.#changes.length));
    this.#changes = [];
    this.entries.clear();
    for (const [name, inode] of this.#durableEntries) this.entries.set(name, inode);

    const pages = [...this.#dirty].sort((a, b) => a - b);
    const written = isOrderly ? pages.slice(0, pick(pages.length)) : pages.filter(() => pick(1) === 1);
    const isWhole = written.length === pages.length;
    const end = isWhole || pick(1) === 1 ? this.#content.length : endOf(written, this.#durable.length);
    const after = Buffer.alloc(Math.max(this.#durable.length, Math.min(end, this.#content.length)));
    after.set(this.#durable);
    for (const page of written) {
      const start = page * PAGE_BYTES;
      after.set(this.#content.subarray(start, Math.min(start + PAGE_BYTES, after.length)), start);
    }
    this.#content = after;
    this.#durable = Buffer.from(after);
    this.#dirty.clear();
  }

  #apply(count: number): void {
    for (const { name, inode, from } of this.#changes.splice(0, count)) {
      if (from !== undefined) this.#durableEntries.delete(from);
      if (inode) this.#durableEntries.set(name, inode);
      else this.#durableEntries.delete(name);
    }
  }
}

function endOf(pages: readonly number[], least: number): number {
  const last = pages.at(-1);
  return last === undefined ? least : Math.max(least, (last + 1) * PAGE_BYTES);
}
