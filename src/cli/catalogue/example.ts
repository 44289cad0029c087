/** An example catalogue file that uses every field once. */
export const exampleCatalogue = {
  isPrivacyMode: true,
  defaultCountry: 'GB',
  units: [
    {
      id: 0,
      name: 'Example',
      accent: '#2f5d50',
      senderName: 'Example',
      senderAddress: 'letters@example.com',
      postalAddress: 'Example Ltd, 1 Example Street, Exampleton',
      privacyPolicyUrl: 'https://www.example.com/privacy',
      defaultLocale: 'en',
      hasDoubleOptIn: false,
      translations: {
        de: { name: 'Beispiel', postalAddress: 'Beispiel GmbH, Beispielweg 1, Beispielstadt' },
      },
    },
  ],
  types: [
    {
      id: 1,
      unitId: 0,
      channel: 'EMAIL',
      name: 'Newsletter',
      description: 'What is new, once a month.',
      purpose: 'MARKETING',
      communicationMethod: 'E-mail',
      isActive: true,
      isInternal: false,
      isDefault: true,
      order: 1,
      translations: { de: { name: 'Rundbrief', description: 'Was es Neues gibt, einmal im Monat.' } },
    },
  ],
};
