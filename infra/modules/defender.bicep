// Microsoft Defender plans for what the exchange uses. They are of the subscription: of everything in it.

targetScope = 'subscription'

@description('E-mail addresses that get security alerts.')
param contactEmails string[]

resource arm 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'Arm'
  properties: { pricingTier: 'Standard', subPlan: 'PerSubscription' }
}

resource keyVaults 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'KeyVaults'
  properties: { pricingTier: 'Standard', subPlan: 'PerKeyVault' }
  dependsOn: [arm]
}

// Looks at new blobs for malware, too: documents come in messages.
resource storage 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'StorageAccounts'
  properties: {
    pricingTier: 'Standard'
    subPlan: 'DefenderForStorageV2'
    extensions: [
      {
        name: 'OnUploadMalwareScanning'
        isEnabled: 'True'
        additionalExtensionProperties: { CapGBPerMonthPerStorageAccount: '500' }
      }
      { name: 'SensitiveDataDiscovery', isEnabled: 'False' }
    ]
  }
  dependsOn: [keyVaults]
}

resource cosmos 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'CosmosDbs'
  properties: { pricingTier: 'Standard' }
  dependsOn: [storage]
}

resource apps 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'AppServices'
  properties: { pricingTier: 'Standard' }
  dependsOn: [cosmos]
}

resource contacts 'Microsoft.Security/securityContacts@2023-12-01-preview' = {
  name: 'default'
  properties: {
    isEnabled: true
    emails: join(contactEmails, ';')
    notificationsByRole: { state: 'On', roles: ['Owner'] }
    notificationsSources: [{ sourceType: 'Alert', minimalSeverity: 'Medium' }]
  }
}
