import { unprocessable } from './harvest-error.js';

export const MAX_IDS = 50;
const MAX_FIELDS = 50;
export const MAX_PER_PAGE = 500;
const DEFAULT_PER_PAGE = 100;

/** How a parameter of a list is written. */
export type ParameterType =
  'ids' | 'strings' | 'date-time' | 'date' | 'boolean' | 'integer' | 'string' | readonly string[];

export interface DateBounds {
  readonly gte?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly lt?: number;
}

export type FilterValue =
  | { readonly kind: 'ids'; readonly values: ReadonlySet<number> }
  | { readonly kind: 'strings'; readonly values: ReadonlySet<string> }
  | { readonly kind: 'dates'; readonly bounds: DateBounds }
  | { readonly kind: 'value'; readonly value: string | number | boolean };

export interface ListQuery {
  readonly perPage: number;
  readonly fields: readonly string[] | undefined;
  readonly filters: ReadonlyMap<string, FilterValue>;
}

/** Reads the parameters of a list; whatever it does not know or cannot read is refused, as a misspelt filter widens a read. */
export function parseQuery(
  parameters: URLSearchParams,
  types: Readonly<Record<string, ParameterType>>,
  fieldNames: readonly string[],
): ListQuery {
  const filters = new Map<string, FilterValue>();
  let perPage = DEFAULT_PER_PAGE;
  let fields: readonly string[] | undefined;
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    const text = values.join(',');
    const type = types[name];
    if (name === 'per_page') perPage = parsePerPage(text);
    else if (name === 'fields') fields = parseFields(text, fieldNames);
    else if (type === undefined) throw unprocessable({ [name]: `\`${text}\` is not a permitted parameter` });
    else if (values.length > 1 && type !== 'ids' && type !== 'strings')
      throw unprocessable({ [name]: 'is given more than once' });
    else filters.set(name, parseFilter(name, text, type));
  }
  if (filters.has('created_at') && filters.has('updated_at')) {
    throw unprocessable('created_at and updated_at cannot be combined.');
  }
  return { perPage, fields, filters };
}

function parsePerPage(text: string): number {
  const number = parseInteger('per_page', text);
  if (number > MAX_PER_PAGE) throw unprocessable({ per_page: `\`${text}\` number is greater than: ${MAX_PER_PAGE}` });
  if (number < 1) throw unprocessable({ per_page: `\`${text}\` number is less than: 1` });
  return number;
}

function parseFields(text: string, known: readonly string[]): readonly string[] {
  const fields = text.split(',');
  if (fields.length > MAX_FIELDS) throw unprocessable({ fields: `array size is greater than: ${MAX_FIELDS}` });
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined) throw unprocessable({ fields: `\`${unknown}\` is not a field of this resource` });
  return fields;
}

function parseFilter(name: string, text: string, type: ParameterType): FilterValue {
  switch (type) {
    case 'ids':
    case 'strings': {
      const items = text.split(',');
      if (items.length > MAX_IDS) throw unprocessable({ [name]: `array size is greater than: ${MAX_IDS}` });
      if (type === 'strings') return { kind: 'strings', values: new Set(items) };
      return { kind: 'ids', values: new Set(items.map((item) => parseInteger(name, item))) };
    }
    case 'date-time':
    case 'date':
      return { kind: 'dates', bounds: parseDates(name, text, type) };
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw unprocessable({ [name]: `\`${text}\` is not a boolean` });
      return { kind: 'value', value: text === 'true' };
    case 'integer':
      return { kind: 'value', value: parseInteger(name, text) };
    case 'string':
      return { kind: 'value', value: text };
    default:
      if (!type.includes(text)) {
        throw unprocessable({ [name]: `value at \`/${name}\` is not one of: ${JSON.stringify(type)}` });
      }
      return { kind: 'value', value: text };
  }
}

function parseInteger(name: string, text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw unprocessable({ [name]: `\`${text}\` is not an integer` });
  return Number(text);
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** `gte|2026-01-01T00:00:00Z`, or two of these one after the other. */
function parseDates(name: string, text: string, type: 'date-time' | 'date'): DateBounds {
  const parts = text.split('|');
  const bounds: Partial<Record<'gte' | 'lte' | 'gt' | 'lt', number>> = {};
  for (let position = 0; position < parts.length; position += 2) {
    const operator = parts[position] ?? '';
    const value = parts[position + 1] ?? '';
    const time = (type === 'date' ? DATE : DATE_TIME).test(value) ? Date.parse(value) : NaN;
    const known = operator === 'gte' || operator === 'lte' || operator === 'gt' || operator === 'lt';
    if (!known || operator in bounds || Number.isNaN(time)) {
      throw unprocessable({ [name]: `\`${text}\` is not a valid ${type} filter` });
    }
    bounds[operator] = time;
  }
  return bounds;
}

export function withinBounds(time: number, { gte, lte, gt, lt }: DateBounds): boolean {
  return (
    (gte === undefined || time >= gte) &&
    (lte === undefined || time <= lte) &&
    (gt === undefined || time > gt) &&
    (lt === undefined || time < lt)
  );
}
