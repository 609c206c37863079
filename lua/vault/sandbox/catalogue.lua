--- The sandbox's own connectors, as data.
--
-- Together they have every auth_type, grant type and integration state, every type of form field,
-- and, through `initial`, a connection in every state. Those without `initial` start as
-- `available`. connectors.lua describes the fields and their defaults.
local function option(label, value)
  return { label = label, value = value, option_type = "simple" }
end

local function group(id, label, options)
  return { id = id, label = label, options = options, option_type = "group" }
end

local function secret(id, label, more)
  local field = { id = id, label = label, type = "password", required = true, sensitive = true }
  for name, value in pairs(more or {}) do
    field[name] = value
  end
  return field
end

local tokens = { access_token = "sandbox-access-token", refresh_token = "sandbox-refresh-token" }

return {
  -- crm
  {
    unified_api = "crm",
    service_id = "pipedrive",
    name = "Pipedrive",
    tag_line = "The sales CRM that keeps deals moving.",
    website = "https://www.pipedrive.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    configurable_resources = { "leads", "contacts" },
    resource_schema_support = { "leads" },
    resource_settings_support = { "leads" },
    custom_fields = {
      leads = {
        {
          id = "ticket_size",
          name = "Ticket size",
          description = "Expected value of a deal",
          value = 1500,
          finder = "$['ticket_size']",
        },
        {
          id = "interests",
          name = "Interests",
          value = { "GC5000 series" },
          finder = "$['interests']",
        },
      },
    },
    has_guide = true,
    subscriptions = {
      {
        downstream_id = "5f5f5f5f5f5f5f5f5f5f5f5f",
        unify_event_types = { "crm.contact.created" },
        downstream_event_types = { "contacts.CREATED" },
        execute_url = "https://sandbox.invalid/webhook/w/{lookupIdToken}/{serviceId}",
        created_at = "2020-10-01T12:00:00.000Z",
      },
    },
  },
  {
    unified_api = "crm",
    service_id = "salesforce",
    name = "Salesforce",
    tag_line = "CRM and cloud computing for companies of every size.",
    website = "https://www.salesforce.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    configurable_resources = { "opportunities", "companies", "contacts", "leads" },
    schema_support = true,
    has_guide = true,
    form_fields = {
      {
        id = "instance_url",
        label = "Instance url",
        type = "url",
        required = true,
        placeholder = "https://eu28.salesforce.com",
        prefix = "https://",
        description = "The address that your users log in at",
      },
    },
  },
  {
    unified_api = "crm",
    service_id = "hubspot",
    name = "HubSpot",
    tag_line = "Marketing, sales and service on one platform.",
    website = "https://www.hubspot.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    form_fields = {
      {
        id = "portal",
        label = "Portal",
        type = "select",
        required = true,
        placeholder = "Select a portal",
        options = { option("Main", "1000"), option("Antwerp", "1001"), option("Zürich", "1002") },
      },
    },
    initial = { credentials = tokens },
  },
  {
    unified_api = "crm",
    service_id = "activecampaign",
    name = "ActiveCampaign",
    tag_line = "Email marketing, automation and CRM.",
    website = "https://www.activecampaign.com",
    auth_type = "apiKey",
    form_fields = {
      {
        id = "base_url",
        label = "API URL",
        type = "url",
        required = true,
        suffix = ".api-us1.com",
        placeholder = "https://account.api-us1.com",
      },
      secret("api_key", "API Key"),
      { id = "sync_archived", label = "Sync archived", type = "checkbox" },
    },
  },
  {
    unified_api = "crm",
    service_id = "microsoft-dynamics",
    name = "Microsoft Dynamics 365",
    tag_line = "Business applications for sales and service.",
    website = "https://dynamics.microsoft.com",
    auth_type = "oauth2",
    oauth_grant_type = "client_credentials",
    settings_required_for_authorization = { "client_id", "client_secret" },
    form_fields = {
      { id = "client_id", label = "Client ID", type = "text", required = true },
      secret("client_secret", "Client Secret"),
      { id = "environment", label = "Environment", type = "url", required = true },
    },
  },

  -- accounting
  {
    unified_api = "accounting",
    service_id = "access-financials",
    name = "Access Financials",
    tag_line = "Online accounting software for small and mid-sized businesses.",
    website = "https://www.theaccessgroup.com",
    auth_type = "none",
    initial = {
      metadata = { account = { name = 'Acme "Widgets" Inc.', id = "0350299d" }, plan = "free" },
      configuration = {
        {
          resource = "invoices",
          defaults = {
            {
              target = "custom_fields",
              id = "ProductInterest",
              options = { option("General Channel", "general") },
              value = "GC5000 series",
            },
            { target = "resource", id = "probability", value = 10.5 },
            { target = "resource", id = "tags", value = { "GC6000 series", 10, 10.5 } },
            { target = "resource", id = "active", value = true },
          },
        },
      },
    },
  },
  {
    unified_api = "accounting",
    service_id = "quickbooks",
    name = "QuickBooks",
    tag_line = "Smart accounting for small businesses.",
    website = "https://quickbooks.intuit.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    migration_targets = { "intuit-enterprise-suite" },
    company_id_setting = "realm_id",
    authorized_settings = { realm_id = "4620816365001234567" },
    configurable_resources = { "invoices", "bills" },
    form_fields = {
      { id = "realm_id", label = "Realm ID", type = "text", hidden = true, disabled = true },
      {
        id = "currency",
        label = "Currency",
        type = "filtered-select",
        options = {
          group("common", "Common", { option("EUR", "EUR"), option("USD", "USD") }),
          group("other", "Other", { option("CHF", "CHF"), option("SEK", "SEK") }),
        },
      },
    },
  },
  {
    unified_api = "accounting",
    service_id = "intuit-enterprise-suite",
    name = "Intuit Enterprise Suite",
    tag_line = "Finance for companies that outgrew QuickBooks.",
    website = "https://www.intuit.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    company_id_setting = "realm_id",
    authorized_settings = { realm_id = "4620816365001234567" },
    form_fields = {
      { id = "realm_id", label = "Realm ID", type = "text", hidden = true, disabled = true },
    },
  },
  {
    unified_api = "accounting",
    service_id = "xero",
    name = "Xero",
    tag_line = "Beautiful accounting software.",
    website = "https://www.xero.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    company_id_setting = "tenant_id",
    authorized_settings = { tenant_id = "4bfe0fce-9257-4a1a-a691-5eed6c957f9a" },
    form_fields = {
      { id = "tenant_id", label = "Tenant", type = "text", required = true },
      { id = "start_date", label = "Start date", type = "date", default_value = "2025-01-01" },
    },
    initial = {
      credentials = tokens,
      settings = { tenant_id = "4bfe0fce-9257-4a1a-a691-5eed6c957f9a" },
      last_downstream_error_at = 1730000000000,
    },
  },
  {
    unified_api = "accounting",
    service_id = "netsuite",
    name = "NetSuite",
    tag_line = "Cloud ERP.",
    website = "https://www.netsuite.com",
    auth_type = "custom",
    company_id_setting = "account_id",
    form_fields = {
      { id = "account_id", label = "Account ID", type = "text", required = true, mask = true },
      secret("consumer_key", "Consumer Key"),
      secret("consumer_secret", "Consumer Secret"),
      secret("token_id", "Token ID"),
      secret("token_secret", "Token Secret"),
    },
  },

  -- hris
  {
    unified_api = "hris",
    service_id = "bamboohr",
    name = "BambooHR",
    tag_line = "HR software for small and medium businesses.",
    website = "https://www.bamboohr.com",
    auth_type = "basic",
    has_guide = true,
    form_fields = {
      {
        id = "subdomain",
        label = "Company name",
        type = "text",
        required = true,
        suffix = ".bamboohr.com",
      },
      { id = "username", label = "Username", type = "email", required = true },
      secret("password", "Password"),
    },
    custom_mappings = {
      {
        id = "hris+employees+first_aid_training",
        label = "First Aid Training",
        description = "First Aid Training completed after 2019-01-01",
        key = "first_aid_training",
        custom_field = true,
        example = "Some value",
      },
      {
        id = "hris+employees+badge_number",
        label = "Badge Number",
        key = "badge_number",
        required = true,
      },
    },
  },
  {
    unified_api = "hris",
    service_id = "personio",
    name = "Personio",
    tag_line = "The people operating system.",
    website = "https://www.personio.com",
    auth_type = "oauth2",
    oauth_grant_type = "client_credentials",
    consent_required = true,
    application_data_scopes = {
      enabled = true,
      updated_at = "2025-04-15T14:30:00Z",
      resources = {
        ["hris.employees"] = {
          first_name = { read = true, write = true },
          ["addresses[].street"] = { read = true, write = false },
        },
      },
    },
    form_fields = {
      { id = "client_id", label = "Client ID", type = "text", required = true },
      secret("client_secret", "Client Secret"),
      {
        id = "companies",
        label = "Companies",
        type = "multi-select",
        options = { option("Acme Belgium", "be"), option("Acme Norge", "no") },
      },
    },
    settings_required_for_authorization = { "client_id", "client_secret" },
  },

  -- file-storage
  {
    unified_api = "file-storage",
    service_id = "google-drive",
    name = "Google Drive",
    tag_line = "Store, share and collaborate on files and folders.",
    website = "https://www.google.com/drive",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    initial = {},
  },
  {
    unified_api = "file-storage",
    service_id = "sharepoint",
    name = "SharePoint",
    tag_line = "Your mobile, intelligent intranet.",
    website = "https://www.microsoft.com/sharepoint",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    confirmation_required = true,
    settings_required_for_authorization = { "tenant" },
    form_fields = {
      { id = "tenant", label = "Tenant", type = "text", required = true },
      {
        id = "drive",
        label = "Drive",
        type = "select",
        allow_custom_values = true,
        options = { option("Documents", "documents"), option("Archive", "archive") },
      },
    },
  },

  -- ats
  {
    unified_api = "ats",
    service_id = "lever",
    name = "Lever",
    tag_line = "Talent acquisition that makes hiring a team sport.",
    website = "https://www.lever.co",
    auth_type = "apiKey",
    form_fields = {
      secret("api_key", "API Key"),
      { id = "careers_page", label = "Careers page", type = "url" },
    },
    initial = { settings = { api_key = "invalid" } },
  },
  {
    unified_api = "ats",
    service_id = "workday",
    name = "Workday",
    tag_line = "Finance and HR for the enterprise.",
    website = "https://www.workday.com",
    auth_type = "oauth2",
    oauth_grant_type = "password",
    settings_required_for_authorization = { "username", "password" },
    form_fields = {
      { id = "username", label = "Username", type = "text", required = true },
      secret("password", "Password"),
      { id = "tenant_url", label = "Tenant URL", type = "url", required = true },
    },
  },
  {
    unified_api = "ats",
    service_id = "teamtailor",
    name = "Teamtailor",
    tag_line = "Recruit smarter.",
    website = "https://www.teamtailor.com",
    auth_type = "apiKey",
    integration_state = "disabled",
    form_fields = { secret("api_key", "API Key") },
  },

  -- ecommerce
  {
    unified_api = "ecommerce",
    service_id = "shopify",
    name = "Shopify",
    tag_line = "The platform commerce is built on.",
    website = "https://www.shopify.com",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    settings_required_for_authorization = { "shop_url" },
    form_fields = {
      {
        id = "shop_url",
        label = "Shop",
        type = "text",
        required = true,
        prefix = "https://",
        suffix = ".myshopify.com",
      },
    },
  },
  {
    unified_api = "ecommerce",
    service_id = "magento",
    name = "Magento",
    tag_line = "Commerce for merchants large and small.",
    website = "https://business.adobe.com/products/magento/magento-commerce.html",
    auth_type = "oauth2",
    oauth_grant_type = "authorization_code",
    integration_state = "needs_configuration",
  },

  -- issue-tracking
  {
    unified_api = "issue-tracking",
    service_id = "jira",
    name = "Jira",
    tag_line = "Plan, track and release software.",
    website = "https://www.atlassian.com/software/jira",
    auth_type = "basic",
    form_fields = {
      { id = "username", label = "Email", type = "email", required = true },
      secret("api_token", "API token"),
      { id = "phone", label = "Support phone", type = "tel" },
      { id = "notes", label = "Notes", type = "textarea" },
      { id = "page_size", label = "Page size", type = "number", default_value = 50 },
      { id = "sync_from", label = "Sync from", type = "datetime" },
      { id = "sync_at", label = "Sync every day at", type = "time", deprecated = true },
    },
    initial = { enabled = false, settings = { username = "integration@example.com" } },
  },
  {
    unified_api = "issue-tracking",
    service_id = "github",
    name = "GitHub",
    tag_line = "Where the world builds software.",
    website = "https://github.com",
    auth_type = "none",
    form_fields = {
      { id = "repository", label = "Repository", type = "text", required = true },
    },
  },
}
