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

export {};
