// The card stands in a frame of the payment provider's.  Before the form is sent, the frame is asked for what stands
// for the card; where it does not answer, the form is sent without, and the payer is led to the provider's own page.
const PATIENCE = 8000;
const frames = [...document.querySelectorAll('iframe[data-src]')];

for (const frame of frames) {
  const address = new URL(frame.dataset.src);
  address.searchParams.set('language', document.documentElement.lang);  // a provider that does not know it leaves it
  frame.src = address;
  frame.hidden = false;
}

function chosenFrame(form) {
  const way = form.querySelector('[name="method"]:checked')?.closest('.way');
  return way?.querySelector('iframe[data-src]');
}

function wait(form, waiting) {
  for (const button of form.querySelectorAll('[data-pay]')) {
    button.disabled = waiting;
    button.setAttribute('aria-busy', waiting);
  }
}

function send(form, token) {
  form.elements.token.value = token;
  const what = document.createElement('input');
  Object.assign(what, { type: 'hidden', name: 'do', value: 'pay', className: 'paying' });
  form.append(what);
  form.submit();
}

// What is wrong with the other fields is said before the provider takes the card, which would be lost with the page.
async function isRight(form) {
  if (form.id !== 'checkout') return true;
  const said = new FormData(form);
  said.set('do', 'check');
  const answer = await fetch(form.action, { method: 'POST', body: said, redirect: 'manual' });
  if (answer.status !== 200) return true;
  const there = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['notes', 'contact', 'address', 'deliveries', 'summary']) {
    document.getElementById(id).replaceWith(there.getElementById(id));
    globalThis.htmx?.process(document.getElementById(id));
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
  document.getElementById('notes').scrollIntoView({ block: 'center' });
  return false;
}

document.addEventListener('submit', async event => {
  const form = event.target, frame = form.elements.token && chosenFrame(form);
  if (event.submitter?.dataset.pay === undefined) return;
  event.preventDefault();
  wait(form, true);
  if (!frame) return send(form, '');
  if (!await isRight(form)) return wait(form, false);
  frame.contentWindow.postMessage({ ask: 'token' }, frame.dataset.origin);
  frame.late = setTimeout(() => send(form, ''), PATIENCE);
});

addEventListener('message', event => {
  const frame = frames.find(one => one.contentWindow === event.source && one.dataset.origin === event.origin);
  const form = frame?.closest('form');
  if (!form) return;
  if (event.data.submit) form.querySelector('[data-pay]').click();
  if (event.data.problem || event.data.token) clearTimeout(frame.late);
  if (event.data.problem) {
    wait(form, false);
    frame.scrollIntoView({ block: 'center' });
  }
  if (event.data.token) send(form, event.data.token);
});

// What is delivered how is the buyer's choice: an answer to what stood in the form before does not take it back.
let delivery = '';
document.addEventListener('change', event => {
  if (event.target.name === 'option') delivery = event.target.value;
});
document.addEventListener('htmx:after:swap', () => setTimeout(() => {
  const offered = [...document.querySelectorAll('[name="option"]')].find(one => one.value === delivery);
  if (!offered || offered.checked) return;
  offered.checked = true;
  offered.dispatchEvent(new Event('change', { bubbles: true }));
}));

// Who comes back to this page has not pressed Pay: neither that nor the card is sent with what is changed now.
addEventListener('pageshow', () => {
  document.querySelectorAll('input.paying').forEach(what => what.remove());
  for (const form of document.querySelectorAll('form')) {
    if (form.elements.token) form.elements.token.value = '';
    wait(form, false);
  }
});
document.querySelector('[aria-invalid="true"]')?.focus();
