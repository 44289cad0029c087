/** Sends the file of a form with a progress bar; without this script the browser sends the form as it is. */

for (const form of document.querySelectorAll('form[data-upload]')) {
  const field = form.querySelector('input[type=file]');
  const button = form.querySelector('button');
  const sending = form.querySelector('[data-sending]');
  const bar = sending.querySelector('progress');
  const words = sending.querySelector('[data-words]');
  const fault = sending.querySelector('.fault');

  const stopped = (text) => {
    fault.textContent = text;
    sending.querySelector('.bar').hidden = true;
    button.disabled = false;
  };

  form.addEventListener('submit', (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    button.disabled = true;
    sending.hidden = false;
    sending.querySelector('.bar').hidden = false;
    fault.textContent = '';
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      const percent = Math.floor((loaded / total) * 100);
      bar.value = percent;
      words.textContent = percent < 100 ? `${percent} % sent` : 'Sent. The file is being read.';
      bar.setAttribute('aria-label', words.textContent);
    });
    request.addEventListener('error', () =>
      stopped('The connection was lost, so nothing was saved. Send the file again.'),
    );
    request.addEventListener('load', () => {
      // A redirect was followed: the file is stored, and the next step is there.
      if (request.responseURL !== form.action) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, 'text/html');
      const said = page.querySelector('#faults li') ?? page.querySelector('main p');
      stopped(said?.textContent ?? 'The file could not be sent. Send it again.');
    });
    request.send(new FormData(form));
  });

  // Dropped anywhere on the form, the file is as good as chosen.
  form.addEventListener('dragover', (event) => {
    event.preventDefault();
    form.classList.add('over');
  });
  for (const end of ['dragleave', 'drop']) form.addEventListener(end, () => form.classList.remove('over'));
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
