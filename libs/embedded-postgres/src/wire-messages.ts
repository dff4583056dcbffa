/** What a client sent, cut into units that must reach the engine without anything of another client in between. */
export interface Unit {
  readonly bytes: Uint8Array;
  /** Whether the engine is ready for another client after it (a simple query or a Sync), transactions apart. */
  readonly complete: boolean;
}

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

const CODE = {
  query: 0x51,
  sync: 0x53,
  flush: 0x48,
  terminate: 0x58,
  functionCall: 0x46,
  copyDone: 0x63,
  copyFail: 0x66,
} as const;
/** After these the engine answers with ReadyForQuery (PostgreSQL documentation, Message Flow). */
const ENDS_A_UNIT: ReadonlySet<number> = new Set([
  CODE.query,
  CODE.sync,
  CODE.functionCall,
  CODE.copyDone,
  CODE.copyFail,
]);

export type WireEvent =
  | { readonly kind: 'refuse-encryption' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'unit'; readonly unit: Unit };

/** Reads the frontend side of the PostgreSQL protocol, version 3, however TCP cuts it up. */
export class WireMessages {
  #buffer: Buffer = Buffer.alloc(0);
  #started = false;
  #pending: Buffer[] = [];

  push(chunk: Buffer): WireEvent[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const events: WireEvent[] = [];
    for (let event = this.#next(); event !== null; event = this.#next()) if (event !== 'more') events.push(event);
    return events;
  }

  #next(): WireEvent | 'more' | null {
    return this.#started ? this.#nextMessage() : this.#nextStartup();
  }

  #nextStartup(): WireEvent | null {
    if (this.#buffer.length < 8) return null;
    const length = this.#buffer.readInt32BE(0);
    if (this.#buffer.length < length) return null;
    const code = this.#buffer.readInt32BE(4);
    const bytes = this.#take(length);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'refuse-encryption' };
    if (code === CANCEL_REQUEST) return { kind: 'cancel' };
    this.#started = true;
    return { kind: 'unit', unit: { bytes, complete: true } };
  }

  #nextMessage(): WireEvent | 'more' | null {
    if (this.#buffer.length < 5) return null;
    const length = 1 + this.#buffer.readInt32BE(1);
    if (this.#buffer.length < length) return null;
    const [code] = this.#buffer;
    const message = this.#take(length);
    if (code === CODE.terminate) return { kind: 'terminate' };
    this.#pending.push(message);
    const complete = code !== undefined && ENDS_A_UNIT.has(code);
    if (!complete && code !== CODE.flush) return 'more';
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    return { kind: 'unit', unit: { bytes, complete } };
  }

  #take(length: number): Buffer {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }
}
