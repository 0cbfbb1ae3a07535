WHERE = "beside the client"
