import type { Row } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import type { FilterValue, ParameterType } from './query.js';

export type Filters = ReadonlyMap<string, FilterValue>;

/** What a reply is written with besides the row. */
export interface RenderContext {
  readonly account: GreenhouseAccount;
  /** Scheme and host that the request was sent to, for links. */
  readonly origin: string;
  readonly nowMs: number;
}

export interface Filter {
  readonly type: ParameterType;
  /** What of the row the parameter is compared with; by default the field of the same name, `xyz_ids` with `xyz_id`. */
  readonly of?: (row: Row, account: GreenhouseAccount) => unknown;
}

/** One `GET /v3/<resource>`. */
export interface ListEndpoint {
  readonly resource: string;
  readonly fields: readonly string[];
  readonly filters: Readonly<Record<string, Filter>>;
  /**
   * Rows with an id below `below`, newest first; may leave out rows that the filters would leave out.
   */
  readonly rows: (account: GreenhouseAccount, filters: Filters, below: number) => Iterable<Row>;
  /** Whether the acting Site Admin is given the row at all. */
  readonly shown?: (row: Row, account: GreenhouseAccount, filters: Filters) => boolean;
  readonly render?: (row: Row, context: RenderContext) => Readonly<Record<string, unknown>>;
}

export const COMMON_FILTERS: Readonly<Record<string, Filter>> = {
  ids: { type: 'ids', of: (row) => row.id },
  created_at: { type: 'date-time' },
  updated_at: { type: 'date-time' },
};
