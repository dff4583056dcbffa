/** Whose turn it is at the one session of the engine: a client keeps it to the end of its unit and of its transaction. */
export class EngineTurns {
  #holder: object | null = null;
  readonly #waiting: { readonly client: object; readonly go: () => void }[] = [];

  async take(client: object): Promise<void> {
    if (this.#holder === client) return;
    if (this.#holder === null) {
      this.#holder = client;
      return;
    }
    await new Promise<void>((go) => this.#waiting.push({ client, go }));
  }

  holds(client: object): boolean {
    return this.#holder === client;
  }

  giveBack(client: object): void {
    if (this.#holder !== client) return;
    const next = this.#waiting.shift();
    this.#holder = next?.client ?? null;
    next?.go();
  }
}
