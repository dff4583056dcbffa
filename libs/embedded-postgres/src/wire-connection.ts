import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import type { EngineTurns } from './engine-turns.js';
import { WireMessages } from './wire-messages.js';
import type { Unit, WireEvent } from './wire-messages.js';

/** One client of the embedded Postgres. */
export class WireConnection {
  readonly #messages = new WireMessages();
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly socket: Socket,
    private readonly engine: PGlite,
    private readonly turns: EngineTurns,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      for (const event of this.#messages.push(chunk)) this.#work = this.#work.then(() => this.#handle(event));
    });
    // A client that was killed says nothing more: what it left open is rolled back.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      this.#work = this.#work.then(() => this.#leave());
    });
  }

  async #handle(event: WireEvent): Promise<void> {
    switch (event.kind) {
      case 'refuse-encryption':
        this.socket.write('N');
        return;
      case 'unit':
        return this.#run(event.unit);
      case 'cancel':
      case 'terminate':
        this.socket.end();
        return;
      default:
        return event satisfies never;
    }
  }

  async #run(unit: Unit): Promise<void> {
    if (this.#closed) return;
    await this.turns.take(this);
    if (!this.#closed && !this.engine.closed) {
      await this.engine.execProtocolRawStream(unit.bytes, {
        onRawData: (data) => {
          if (this.socket.writable) this.socket.write(Buffer.from(data));
        },
      });
    }
    if (this.engine.closed || (unit.complete && !this.engine.isInTransaction())) this.turns.giveBack(this);
  }

  async #leave(): Promise<void> {
    if (!this.turns.holds(this)) return;
    // Stopping the server closes the sockets first: their farewell may come when the engine is gone.
    if (!this.engine.closed && this.engine.isInTransaction()) await this.engine.exec('rollback');
    this.turns.giveBack(this);
  }
}
