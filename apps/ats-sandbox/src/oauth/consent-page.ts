import type { SimulatedAccount } from '../simulator.js';

/** What the consent page shows. */
export interface ConsentPage {
  readonly vendorName: string;
  readonly appName: string;
  readonly action: string;
  readonly advice: string;
  readonly permissions: readonly { readonly scope: string; readonly words: string }[];
  readonly accounts: readonly SimulatedAccount[];
  readonly hidden: ReadonlyMap<string, string>;
  readonly nonce: string;
}

/** The page on which an account's user lets the app in. It works without its script. */
export function consentPage(page: ConsentPage): string {
  const permissions = page.permissions
    .map(({ scope, words }) => `<li>${escapeHtml(words)} <code>${escapeHtml(scope)}</code></li>`)
    .join('\n');
  const hidden = [...page.hidden]
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n');
  const accounts = page.accounts
    .map(({ id, options }) => `<option value="${escapeHtml(id)}">${escapeHtml(options.name)}</option>`)
    .join('\n');
  return document(
    `Connect ${page.appName} to ${page.vendorName}`,
    `<p class="vendor">${escapeHtml(page.vendorName)} sandbox</p>
<h1>${escapeHtml(page.appName)} asks for access</h1>
<h2 id="permissions">It will be able to</h2>
<ul aria-labelledby="permissions">
${permissions}
</ul>
<form method="post" action="${escapeHtml(page.action)}">
${hidden}
<label for="account">Account</label>
<select id="account" name="account">
${accounts}
</select>
<label for="user">Approve as</label>
<select id="user" name="user" aria-describedby="advice">
${page.accounts.map(userGroup).join('\n')}
</select>
<p id="advice">${escapeHtml(page.advice)}</p>
<div class="decision">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" class="quiet">Deny</button>
</div>
</form>
<script nonce="${page.nonce}">
const account = document.getElementById('account'), user = document.getElementById('user');
const groups = [...user.querySelectorAll('optgroup')];
const showUsers = () => {
  for (const group of groups) group.remove();
  user.append(...groups.filter((group) => group.dataset.account === account.value));
  user.selectedIndex = 0;
};
account.addEventListener('change', showUsers);
showUsers();
</script>`,
  );
}

/** The page for a request that must not be sent back to the app, because the app itself is in doubt. */
export function refusalPage(vendorName: string, sentence: string): string {
  return document(
    `${vendorName} cannot continue`,
    `<p class="vendor">${escapeHtml(vendorName)} sandbox</p>
<h1>This request cannot continue</h1>
<p role="alert">${escapeHtml(sentence)}</p>`,
  );
}

/** Text, made safe between tags and inside double quotes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function userGroup(account: SimulatedAccount): string {
  // Admins first: the first option is what somebody in a hurry approves with.
  const users = [...account.users()].sort((a, b) => Number(b.admin) - Number(a.admin));
  const options = users.map(
    (user) =>
      `<option value="${escapeHtml(user.id)}">${escapeHtml(`${user.name} (${user.admin ? 'admin' : 'not an admin'})`)}</option>`,
  );
  const label = escapeHtml(account.options.name);
  return `<optgroup label="${label}" data-account="${escapeHtml(account.id)}">\n${options.join('\n')}\n</optgroup>`;
}

function document(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --text: #1c2330; --soft: #566074; --line: #c9ced8; --act: #24508f; --on-act: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171d; --card: #1d222b; --text: #e6e9ef; --soft: #a3acbd; --line: #434b5a; --act: #9cc0f5; --on-act: #10192a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 6vh auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.vendor, #advice { color: var(--soft); font-size: 0.875rem; margin: 0; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0.25rem 0 1.5rem; }
h2 { font-size: 1rem; margin: 0; }
ul { margin: 0.5rem 0 1.5rem; padding-left: 1.25rem; max-height: 18rem; overflow: auto; }
code { color: var(--soft); font-size: 0.8125rem; }
label { display: block; font-weight: 600; margin-top: 1rem; }
select { width: 100%; margin: 0.25rem 0 0.5rem; padding: 0.5rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.decision { display: flex; gap: 0.75rem; margin-top: 1.5rem; }
button { padding: 0.5rem 1.25rem; font: inherit; font-weight: 600; color: var(--on-act); background: var(--act); border: 1px solid var(--act); border-radius: 6px; cursor: pointer; }
button.quiet { color: inherit; background: none; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
`;
