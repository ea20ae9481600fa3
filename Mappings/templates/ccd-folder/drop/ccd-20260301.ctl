documents,1
