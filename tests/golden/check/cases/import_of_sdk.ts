import { Client } from "@modelcontextprotocol/sdk/client/index.js";
return new Client();
