import { holdsIds } from './sample.js';
import type { Schema } from './sample.js';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly description?: string }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Route {
  readonly method: string;
  /** Below `/api`, as `/jobs/{id}`. */
  readonly path: string;
  /** What each placeholder stands behind: `jobs` for `/jobs/{id}`. */
  readonly placeholders: readonly { readonly name: string; readonly of: string }[];
  readonly query: readonly { readonly name: string; readonly schema: Schema }[];
  readonly body: Schema | undefined;
  readonly operation: Operation;
}

export function routesOf(document: OpenApiDocument): Route[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/^\/api/, ''),
      placeholders: placeholdersOf(path),
      query: (operation.parameters ?? []).flatMap(({ name, in: place, schema }) =>
        place === 'query' && holdsIds(schema) && name !== 'cursor' ? [{ name, schema: schema ?? {} }] : [],
      ),
      body: operation.requestBody?.content['application/json']?.schema,
      operation,
    })),
  );
}

function placeholdersOf(path: string): { name: string; of: string }[] {
  const parts = path.split('/');
  return parts.flatMap((part, index) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    const of = parts.slice(0, index).findLast((earlier) => !earlier.startsWith('{'));
    return name === undefined ? [] : [{ name, of: of ?? '' }];
  });
}
