import type { Request, RequestHandler, Response, Router } from 'express';
import { changedWebhookSchema, newWebhookSchema } from '../webhooks/webhook-rows.js';
import type { Admit } from './admit.js';
import { notFound, unprocessable } from './harvest-error.js';
import { parseBody } from './parse-body.js';

/** What of a body is kept nowhere else. */
const SECRETS: readonly string[] = ['secret_key', 'basic_auth_password'];

/** Harvest v3 docs, Webhooks, for partners. They answer when the ping has been answered. */
export function mountWebhooks(
  router: Router,
  readBody: RequestHandler,
  admit: Admit,
  answerError: (response: Response, error: unknown) => void,
): void {
  const route = (
    method: 'post' | 'patch' | 'delete',
    path: string,
    scope: string,
    status: number,
    act: (admitted: ReturnType<Admit>, id: string, body: unknown) => unknown,
  ): void => {
    router[method](path, readBody, async (request: Request, response: Response) => {
      try {
        const name = `${method.toUpperCase()} ${path}`;
        const admitted = admit(request, response, name, `harvest:webhooks:${scope}`);
        if (response.locals['badBody'] === true) throw unprocessable('The body is not valid JSON.');
        const id = String(request.params['id'] ?? '');
        const made = await act(admitted, id, request.body);
        const { userId: performer, clientId } = admitted.access;
        const body = Object.entries((request.body ?? {}) as object).filter(([name]) => !SECRETS.includes(name));
        const value: unknown = Object.fromEntries(body);
        admitted.account.writes.record({ route: name, record: id === '' ? null : id, value, performer, clientId });
        response.status(status).json(made);
      } catch (error) {
        answerError(response, error);
      }
    });
  };
  route('post', '/webhooks', 'create', 201, ({ account }, _id, body) =>
    account.webhooks.create(parseBody(newWebhookSchema, body), 'api'),
  );
  route('patch', '/webhooks/:id', 'update', 200, async ({ account }, id, body) => {
    const row = await account.webhooks.update(id, parseBody(changedWebhookSchema, body));
    if (row === undefined) throw notFound();
    return row;
  });
  route('delete', '/webhooks/:id', 'destroy', 200, ({ account }, id) => {
    if (!account.webhooks.delete(id)) throw notFound();
    return { message: `Webhook ${id} deleted successfully` };
  });
}
