// Tries: members named then and toJSON in the reply of a server
// Stopped by: runtime
// Client sees: value {"then":"data","catch":1,"toJSON":2,"constructor":3}
return await hub.then_data();
