//! Tells tenants of changes of their accounts, by the Standard Webhooks scheme.
