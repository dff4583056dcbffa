import { createApp } from '@elly/app';

/** The host in a process of its own, so that its memory is its own. Prints its public address when it answers. */
const elly = await createApp(process.env, { seed: true });
await elly.listen();
process.stdout.write(`listening on ${elly.config.publicUrl}\n`);
