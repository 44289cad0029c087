/** What makes the staff's pages quicker to use; every page is complete without it. */

/* A colour is shown as soon as it is typed. */
for (const field of document.querySelectorAll('[data-swatch]')) {
  const picture = document.getElementById(field.dataset.swatch);
  field.addEventListener('input', () => {
    if (!/^#([\da-f]{3}|[\da-f]{6})$/i.test(field.value)) return;
    const [path] = picture.getAttribute('src').split('?');
    picture.src = `${path}?${new URLSearchParams({ accent: field.value })}`;
  });
}

/* A link that was made is copied by a button, where the browser lets it. */
for (const button of document.querySelectorAll('[data-copies]')) {
  if (!navigator.clipboard) continue;
  const field = document.getElementById(button.dataset.copies);
  const said = document.getElementById(`${button.dataset.copies}-copied`);
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = 'Copied.';
    } catch {
      said.textContent = 'Your browser does not let the page copy: it is selected, so copy it by hand.';
    }
  });
}

/** Ticked rows: how many there are, all of a page at once, and all that match. */
for (const form of document.querySelectorAll('[data-selecting]')) {
  const rows = [...form.querySelectorAll('[name=contact]')];
  const allShown = form.querySelector('[data-all-shown]');
  const allMatching = form.querySelector('[name=all]');
  const says = form.querySelector('[data-picked]');
  if (!allShown || !says) continue;
  const hint = says.textContent;
  const tell = () => {
    const picked = rows.filter(({ checked }) => checked).length;
    allShown.checked = picked === rows.length;
    allShown.indeterminate = picked > 0 && picked < rows.length;
    says.textContent = allMatching?.checked ? '' : picked > 0 ? `${picked} ticked` : hint;
  };
  allShown.closest('[hidden]').hidden = false;
  allShown.addEventListener('change', () => {
    for (const row of rows) row.checked = allShown.checked;
  });
  form.addEventListener('change', ({ target }) => {
    // All that match include the rows of this page, so both show the same.
    if (target === allMatching) for (const row of rows) row.checked = allMatching.checked;
    else if (allMatching && rows.some(({ checked }) => !checked)) allMatching.checked = false;
    tell();
  });
  // The browser restores the ticks of a page that is opened again.
  addEventListener('pageshow', tell);
  tell();
}

/** A job's page follows the job; where it is at another step, the page is fetched anew. */
function follow() {
  const job = document.querySelector('[data-live]');
  if (!job) return;
  const bar = job.querySelector('progress');
  const words = job.querySelector('[data-words]');
  const events = new EventSource(job.dataset.live);
  events.addEventListener('progress', ({ data }) => {
    const now = JSON.parse(data);
    if (now.step !== job.dataset.step) {
      events.close();
      void renew();
      return;
    }
    if (now.percent === undefined) bar.removeAttribute('value');
    else bar.value = now.percent;
    bar.setAttribute('aria-label', now.words);
    words.textContent = now.words;
  });
  // It comes again by itself after a cut; what it cannot come again to is looked at the slow way, by a session that may have ended.
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
  });
}

/** Puts the page as it is now in place of what is shown, and says so to who does not see it. */
async function renew() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const main = page.querySelector('main');
  if (answer.redirected || !main?.querySelector('.job')) return location.reload();
  // What happened before is old news by now.
  main.querySelector('.notice[role=status]')?.remove();
  document.querySelector('main').replaceWith(document.adoptNode(main));
  document.querySelector('[data-stands]')?.focus();
  follow();
}
follow();
