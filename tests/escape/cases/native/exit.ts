// Tries: leaving without a word
// Stopped by: frames
// Client sees: WorkerCrash: exited with status 0
// Worker: hostile
// Only: x64
hostile.call(231, 0);
