import type { ProviderHttp, ProviderRequest, ProviderResponse } from '../../contract/context.js';
import { AllowanceSpent } from './allowance-spent.js';

/**
 * How much a preview may ask, as HTTP that refuses what goes beyond. The same question is asked once. A page counts as
 * a request even if none was seen for it.
 */
export class RequestAllowance implements ProviderHttp {
  readonly #answers = new Map<string, Promise<ProviderResponse>>();
  #asked = 0;
  #sent = 0;
  #pages = 0;
  #ceiling: number;

  constructor(
    readonly most: number,
    private readonly http: () => ProviderHttp,
    private readonly stop: () => void,
  ) {
    this.#ceiling = most;
  }

  get used(): number {
    return Math.max(this.#asked, this.#sent, this.#pages);
  }

  get left(): number {
    return Math.max(0, this.most - this.used);
  }

  /** Whether the present part of the reading may go on. */
  get isOpen(): boolean {
    return this.used < this.#ceiling;
  }

  /** A request went out, also one that the transport repeats by itself: one too many is stopped before it is sent. */
  readonly onRequest = (): void => {
    this.#sent += 1;
    if (this.#sent > this.most) this.stop();
  };

  /** From here on at most this much, until the next call. */
  upTo(requests: number): void {
    this.#ceiling = Math.min(this.most, this.used + Math.max(0, Math.floor(requests)));
  }

  countPage(): void {
    this.#pages += 1;
  }

  async request(request: ProviderRequest): Promise<ProviderResponse> {
    const reads = (request.method ?? 'GET') === 'GET';
    // A preview writes nothing, whatever a provider does to read.
    if (!reads) throw new AllowanceSpent('A preview only reads.');
    const question = JSON.stringify([request.path, request.query ?? {}, request.accept ?? []]);
    const before = this.#answers.get(question);
    if (before !== undefined) return before;
    if (!this.isOpen) throw new AllowanceSpent('The allowance of this preview is spent.');
    this.#asked += 1;
    const answer = this.http().request(request);
    this.#answers.set(question, answer);
    // Its failure is whoever waits for it; kept, it would be one that nobody waits for.
    answer.catch(() => this.#answers.delete(question));
    return answer;
  }
}
