/** Where Azure's resource manager is, but for sovereign clouds. */
export const API_URL = "https://management.azure.com";
