/** Passkeys: asks the browser for one, and sends its answer with the form. Without this script the forms are not shown. */

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const withBytes = (keys = []) => keys.map((key) => ({ ...key, id: bytesOf(key.id) }));

/** Newer browsers read and write the JSON themselves (WebAuthn Level 3, sections 5.1.7 to 5.1.9); for the others it is done here. */
const ways = {
  make: {
    ask: (publicKey) => navigator.credentials.create({ publicKey }),
    read: (options) =>
      PublicKeyCredential.parseCreationOptionsFromJSON?.(options) ?? {
        ...options,
        challenge: bytesOf(options.challenge),
        user: { ...options.user, id: bytesOf(options.user.id) },
        excludeCredentials: withBytes(options.excludeCredentials),
      },
    write: ({ attestationObject, getTransports }, response) => ({
      attestationObject: textOf(attestationObject),
      transports: getTransports?.call(response) ?? [],
    }),
  },
  show: {
    ask: (publicKey) => navigator.credentials.get({ publicKey }),
    read: (options) =>
      PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
        ...options,
        challenge: bytesOf(options.challenge),
        allowCredentials: withBytes(options.allowCredentials),
      },
    write: ({ authenticatorData, signature, userHandle }) => ({
      authenticatorData: textOf(authenticatorData),
      signature: textOf(signature),
      userHandle: textOf(userHandle ?? new ArrayBuffer(0)),
    }),
  },
};

function jsonOf(credential, { write }) {
  if (credential.toJSON) return JSON.stringify(credential);
  const { response } = credential;
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: textOf(response.clientDataJSON), ...write(response, response) },
  });
}

function sentenceFor(error) {
  if (error.name === 'InvalidStateError') return 'This device has a passkey of your account already.';
  if (error.name === 'NotAllowedError' || error.name === 'AbortError')
    return 'Nothing was done: it was cancelled, or took too long.';
  return 'The passkey could not be used. Please try again.';
}

async function answer(form, said) {
  const way = ways[form.dataset.passkey];
  said.textContent = 'Your browser asks you now…';
  try {
    const options = await fetch(form.dataset.challenges, {
      method: 'POST',
      body: new URLSearchParams({
        _csrf: form.elements._csrf?.value ?? '',
        present: form.elements.present?.value ?? '',
      }),
    });
    if (options.headers.get('content-type')?.startsWith('application/json') && !options.ok)
      return void (said.textContent = (await options.json()).refusal);
    if (!options.ok || options.redirected) throw new Error('The portal gave no challenge.');
    const credential = await way.ask(way.read(await options.json()));
    form.elements.credential.value = jsonOf(credential, way);
    said.textContent = '';
    // It has done its part, and goes no second time.
    if (form.elements.present) form.elements.present.disabled = true;
    form.submit();
  } catch (error) {
    said.textContent = sentenceFor(error);
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const said = form.querySelector('.said');
  form.hidden = false;
  if (!window.PublicKeyCredential) {
    form.querySelector('button').disabled = true;
    said.textContent = 'This browser knows no passkeys.';
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void answer(form, said);
  });
}
