export interface Finding {
  readonly what: string;
  readonly where: string;
}

/** A text that somebody could read. */
export interface Exposed {
  readonly where: string;
  readonly text: string;
}

/** Shorter ones turn up by chance. */
const SHORTEST = 8;

/** What must not be read anywhere, as it is or as it is usually written down. */
export class Secrets {
  readonly #spellings = new Map<string, string>();

  /** Returns the text, so that it can be added where it comes from. */
  add(what: string, text: string): string {
    if (text.length < SHORTEST) return text;
    for (const spelling of spellingsOf(text)) this.#spellings.set(spelling, what);
    return text;
  }

  get kinds(): ReadonlySet<string> {
    return new Set(this.#spellings.values());
  }

  of(what: string): readonly string[] {
    return [...this.#spellings].flatMap(([text, kind]) => (kind === what ? [text] : []));
  }

  /** Every kind of secret once for each place. `kinds`: only these. */
  find(exposed: Iterable<Exposed>, kinds: ReadonlySet<string> = this.kinds): Finding[] {
    const wanted = [...this.#spellings].filter(([, what]) => kinds.has(what));
    const found = new Map<string, Finding>();
    for (const { where, text } of exposed) {
      for (const [spelling, what] of wanted) {
        if (text.includes(spelling)) found.set(`${what} ${where}`, { what, where });
      }
    }
    return [...found.values()];
  }
}

function spellingsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    text,
    encodeURIComponent(text),
    new URLSearchParams({ '': text }).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}
