import type { z } from 'zod';
import { ApiProblem } from './api-problem.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One request to the host; its answer is checked, so that what a page shows is what the page thinks it is.
 * @throws ApiProblem
 */
export async function request<Schema extends z.ZodType>(
  method: Method,
  path: string,
  schema: Schema,
  { body, signal }: { readonly body?: unknown; readonly signal?: AbortSignal } = {},
): Promise<z.output<Schema>> {
  const response = await answerOf(method, path, body, signal);
  const json: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (!response.ok) throw ApiProblem.from(response.status, json);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw ApiProblem.unreadable(response.status);
  return parsed.data;
}

async function answerOf(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw ApiProblem.offline();
  }
}
